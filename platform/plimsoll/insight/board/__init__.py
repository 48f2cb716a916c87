"""What a stand-up board says beside the plain metrics: pure arithmetic over facts.

`numbers` are the four with what they were before and how they went; `day` is yesterday, deployment by deployment;
`load` says how much of its marks a team uses; `news` are the dependencies that were not there before.
"""
