"""What Telegram's refusals mean: gone for good, not now, or no refusal at all."""

from datetime import timedelta

from telegram.error import BadRequest, RetryAfter, TelegramError

UNCHANGED = "message is not modified"
NO_TEXT = "there is no text in the message to edit"
NO_MEDIA = ("there is no media in the message to edit", "message can't be edited to media")
NO_TOPIC = ("message thread not found", "topic_closed", "topic_deleted", "topic_id_invalid")
NO_PHOTOS = (
    "not enough rights to send photos",
    "not enough rights to send media",
    "chat_send_photos_forbidden",
    "chat_send_media_forbidden",
)
BAD_PHOTO = (
    "photo_invalid_dimensions",
    "image_process_failed",
    "photo_save_file_invalid",
    "file is too big",
)
GONE = (
    "chat not found",
    "user not found",
    "peer_id_invalid",
    "user_deactivated",
    "chat_write_forbidden",
    "group chat was deactivated",
    "have no rights to send a message",
    "not enough rights to send text messages",
    "need administrator rights",
    "bot was kicked",
    "bot is not a member",
)
"""Places that take nothing from us any more. (Forbidden, 403, always means that.)"""


def says(error: TelegramError, *words: str) -> bool:
    """Whether the refusal holds one of these."""
    told = error.message.casefold()
    return any(each in told for each in words)


def is_unchanged(error: BadRequest) -> bool:
    """The message already looks like that: what was wanted is so."""
    return says(error, UNCHANGED)


def is_gone(error: BadRequest) -> bool:
    """The place takes nothing from us any more."""
    return says(error, *GONE)


def wait_of(error: RetryAfter) -> float:
    """How long Telegram wants us to wait; the library gives a number or a duration."""
    told = error.retry_after
    return told.total_seconds() if isinstance(told, timedelta) else float(told)
