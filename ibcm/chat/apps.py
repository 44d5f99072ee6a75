from django.apps import AppConfig


class ChatConfig(AppConfig):
    name = "ibcm.chat"
    label = "chat"
    verbose_name = "Questions and answers"
    default_auto_field = "django.db.models.BigAutoField"
