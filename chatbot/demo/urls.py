"""The demo shop's pages."""

from django.urls import path

from chatbot.demo import views

urlpatterns = [
    path("", views.shop, name="demo-shop"),
    path("shop/<slug:slug>/", views.product, name="demo-product"),
]
