"""Where senders post."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
