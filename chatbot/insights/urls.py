"""The pages' addresses, below /admin/insights/."""

from django.urls import path

from chatbot.insights import article_views, problems_views, routing_views, ticket_views, views

urlpatterns = [
    path("", views.index, name="insights"),
    path("test/", views.test_box, name="insights-test"),
    path("reliability/", views.reliability_page, name="insights-reliability"),
    path("review/", views.review, name="insights-review"),
    path("gaps/", views.gaps_page, name="insights-gaps"),
    path("article/<int:conversation>/", article_views.article_of, name="insights-article"),
    path("duplicates/", views.duplicates_page, name="insights-duplicates"),
    path("problems/", problems_views.problems_page, name="insights-problems"),
    path("competence/", routing_views.competence_page, name="insights-competence"),
    path("suggestions/", routing_views.suggestions_page, name="insights-suggestions"),
    path("tickets/", ticket_views.tickets_page, name="insights-tickets"),
    path("tickets/check/", ticket_views.tickets_check_page, name="insights-tickets-check"),
]
