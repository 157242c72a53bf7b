"""What the bot does for an intent, whether it was typed, said or pressed."""
