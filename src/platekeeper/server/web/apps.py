from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "platekeeper.server.web"
    label = "web"

    def ready(self) -> None:
        from platekeeper.server.web import account, second_factor

        account.listen()
        second_factor.listen()
