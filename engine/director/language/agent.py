"""A language model through pydantic-ai: any OpenAI-compatible endpoint, or Anthropic.

The only module that imports pydantic-ai (the extra `director`); it is loaded when a reader first
needs it, so that the bot starts without it.
"""

from anthropic import AsyncAnthropic
from openai import AsyncOpenAI
from pydantic_ai import Agent, BinaryContent, NativeOutput, PromptedOutput, ToolOutput, UsageLimits
from pydantic_ai.exceptions import AgentRunError, UserError
from pydantic_ai.models import Model
from pydantic_ai.models.anthropic import AnthropicModel
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.output import OutputSpec
from pydantic_ai.providers.anthropic import AnthropicProvider
from pydantic_ai.providers.openai import OpenAIProvider
from pydantic_ai.settings import ModelSettings

from engine.director.language.pictures import MEDIA_TYPE
from engine.director.language.port import Answer, Understood
from engine.director.language.table import Maker
from engine.errors import NoAnswer
from engine.settings import DirectorSettings

ANSWER_TOKENS = 2_000


class PydanticAi:
    """Implements `engine.director.language.port.Understander`."""

    def __init__(self, settings: DirectorSettings, model: Model | None = None) -> None:
        self._client: AsyncOpenAI | AsyncAnthropic | None = None
        self._agent = Agent(
            model or self._model(settings),
            output_type=_form(settings),
            retries=settings.retries,
            model_settings=ModelSettings(
                temperature=0.0, max_tokens=ANSWER_TOKENS, timeout=settings.timeout_s
            ),
        )
        self._limits = UsageLimits(
            request_limit=settings.retries + 1,
            total_tokens_limit=(settings.token_budget + ANSWER_TOKENS) * (settings.retries + 1),
        )

    async def understand(
        self, instructions: str, question: str, pictures: tuple[bytes, ...] = ()
    ) -> Answer:
        """Ask once, with retries when the answer doesn't keep to its form."""
        shown = [BinaryContent(data=each, media_type=MEDIA_TYPE) for each in pictures]
        try:
            done = await self._agent.run(
                [question, *shown] if shown else question,
                instructions=instructions,
                usage_limits=self._limits,
            )
        except (AgentRunError, UserError, OSError, ValueError) as error:
            raise NoAnswer(why=f"{type(error).__name__}: {str(error)[:200]}") from error
        return Answer(done.output, done.usage.total_tokens)

    async def close(self) -> None:
        """Give the connections back."""
        if self._client is not None:
            await self._client.close()

    def _model(self, settings: DirectorSettings) -> Model:
        """The provider's own retries are off: our time-out and the rules behind us do better."""
        key = settings.api_key.get_secret_value() or "none"
        address = settings.endpoint or None
        if settings.provider == "anthropic":
            anthropic = AsyncAnthropic(api_key=key, base_url=address, max_retries=0)
            self._client = anthropic
            provider = AnthropicProvider(anthropic_client=anthropic)
            return AnthropicModel(settings.language_model, provider=provider)
        openai = AsyncOpenAI(api_key=key, base_url=address, max_retries=0)
        self._client = openai
        return OpenAIChatModel(
            settings.language_model, provider=OpenAIProvider(openai_client=openai)
        )


def _form(settings: DirectorSettings) -> OutputSpec[Understood]:
    if settings.answer_form == "schema":
        return NativeOutput(Understood)
    if settings.answer_form == "prompt":
        return PromptedOutput(Understood)
    return ToolOutput(Understood, name="understood")


MAKER = Maker(PydanticAi)
