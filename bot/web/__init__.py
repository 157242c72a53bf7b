"""The web page: a chat, a gallery and the way in for people without a chat app."""
