"""The pages' addresses, below /admin/insights/."""

from django.urls import path

from chatbot.insights import views

urlpatterns = [
    path("", views.index, name="insights"),
    path("test/", views.test_box, name="insights-test"),
    path("reliability/", views.reliability_page, name="insights-reliability"),
    path("review/", views.review, name="insights-review"),
    path("gaps/", views.gaps_page, name="insights-gaps"),
    path("duplicates/", views.duplicates_page, name="insights-duplicates"),
]
