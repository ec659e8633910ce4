"""The demo shop's pages."""

from django.urls import path

from chatbot.demo import account, views

urlpatterns = [
    path("", views.shop, name="demo-shop"),
    path("shop/<slug:slug>/", views.product, name="demo-product"),
    path("account/", account.account, name="demo-account"),
    path("account/logout/", account.log_out, name="demo-logout"),
    path("mail/", views.mail, name="demo-mail"),
    path(
        "mail/<str:file>/<int:index>/<int:number>/",
        views.mail_attachment,
        name="demo-mail-attachment",
    ),
]
