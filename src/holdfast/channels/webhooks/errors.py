"""What can go wrong with webhooks."""

from holdfast.core.errors import BadInput, Conflict, NotFound


class WebhookUnknown(NotFound):
    id = "webhook_unknown"
    title = "This webhook does not exist"


class DeliveryUnknown(NotFound):
    id = "delivery_unknown"
    title = "This delivery does not exist any more"


class WebhookAddressRefused(BadInput):
    id = "webhook_address_refused"
    title = "This address cannot be called"
    detail = "It must begin with https:// and lead to a public server, without a password in it ({reason})."


class TooManyWebhooks(Conflict):
    id = "too_many_webhooks"
    title = "No more webhooks can be added"
    detail = "There are already {most} webhooks"


class WebhookInactive(Conflict):
    id = "webhook_inactive"
    title = "This webhook is switched off"
    detail = "Switch it on first."
