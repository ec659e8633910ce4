"""Files of customers (https://core.telegram.org/bots/api#getfile)."""

from django.utils.translation import gettext
from telegram.error import BadRequest, InvalidToken

from channels_adapters.base import SendError
from channels_adapters.telegram.bot import Remote, SvarBot

FILE_BYTES = 20 * 1024 * 1024  # that the Bot API gives out


def fetch(remote: Remote, file_id: str) -> bytes:
    """Return the content of a file. Raises SendError."""

    async def fetching(bot: SvarBot) -> bytes:
        try:
            file = await bot.get_file(file_id)
        except BadRequest as error:
            if "too big" in error.message.lower():
                raise _too_big() from None
            raise _gone() from None
        if (file.file_size or 0) > FILE_BYTES:
            raise _too_big()
        # A Bot API server in its local mode names a path of its own machine: not ours to read.
        if not (file.file_path or "").startswith(remote.base_url):
            raise SendError(
                gettext("The Bot API server does not give out files: run it without --local."),
                permanent=True,
            )
        try:
            return bytes(await file.download_as_bytearray(read_timeout=60))
        except (BadRequest, InvalidToken):  # 404 is that of the file here: getFile took the token
            raise _gone() from None

    return remote.call(fetching, seconds=90)


def _too_big() -> SendError:
    return SendError(
        gettext("The file is larger than the %(size)d MB that Telegram gives out to bots.")
        % {"size": FILE_BYTES // 1024**2},
        permanent=True,
    )


def _gone() -> SendError:
    return SendError(gettext("Telegram does not have this file any more."), permanent=True)
