"""Takes a codebase off OpenAI's retired DALL-E models and onto GPT Image."""

__version__ = "0.1.0"
