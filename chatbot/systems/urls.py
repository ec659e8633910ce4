"""The pages of customers' accounts."""

from django.urls import path

from chatbot.systems import views

urlpatterns = [
    path("password/done/", views.password_done, name="account-password-done"),
    path(
        "password/<str:uidb64>/<str:token>/", views.SetPassword.as_view(), name="account-password"
    ),
]
