// Jenkins: `post` belongs to the stage that deploys; its agent needs curl. How the stage ended is sent whatever happened,
// and no build fails because of it. The token stays out of the file: Manage Jenkins > Credentials, a "Secret text"
// with the id plimsoll-token and the secret <token>
pipeline {
  agent any
  stages {
    stage('Deploy') {
      steps {
        sh './deploy.sh'
      }
      post {
        always {
          withCredentials([string(credentialsId: 'plimsoll-token', variable: 'PLIMSOLL_TOKEN')]) {
            withEnv(["RESULT=${currentBuild.currentResult}"]) {
              sh '''
                case "$RESULT" in SUCCESS|UNSTABLE) status=success ;; FAILURE) status=failure ;; *) status=cancelled ;; esac
                curl --fail-with-body -X POST '<hook>' \
                  -H "Authorization: Bearer $PLIMSOLL_TOKEN" -H 'Content-Type: application/json' \
                  -d '{"kind": "deployment", "external_id": "'"$BUILD_TAG-production"'", "service": "my-service",
                       "environment": "production", "environment_class": "production", "version": "'"$BUILD_NUMBER"'",
                       "sha": "'"$GIT_COMMIT"'", "status": "'"$status"'",
                       "finished_at": "'"$(date -u +%FT%TZ)"'", "url": "'"$BUILD_URL"'"}' \
                  || echo 'Plimsoll did not take it.'
              '''
            }
          }
        }
      }
    }
  }
}
