"""What tokens cost, and how many a model can read at once.

Both come from the data that genai-prices brings along; nothing is fetched, and what it
does not know stays unknown. https://github.com/pydantic/genai-prices
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from abstractllm.loading import load
from abstractllm.messages import Cost, Usage

if TYPE_CHECKING:
    from genai_prices.types import PriceCalculation


@attrs.frozen
class PricedModel:
    """A model at the address of who charges for it.

    The address is empty where nobody does, and `None` where it is not known.
    """

    name: str
    address: str | None

    async def cost(self, usage: Usage) -> Cost | None:
        """Return what one request cost that used these tokens."""
        if self.address == "":
            return Cost()
        price = await self._price(usage)
        return None if price is None else Cost(round(price.total_price * 10**9))

    async def window(self) -> int | None:
        """Return how many tokens the model can read and write at once."""
        price = await self._price(Usage())
        return None if price is None else price.model.context_window

    async def _price(self, usage: Usage) -> PriceCalculation | None:
        if not self.address:
            return None
        await load("genai_prices")  # 1.6 MB of data, which no start has a need of
        import genai_prices

        counted = genai_prices.Usage(
            input_tokens=usage.input_tokens,
            output_tokens=usage.output_tokens,
            cache_read_tokens=min(usage.cached_tokens, usage.input_tokens),
        )
        try:
            return genai_prices.calc_price(
                counted, self.name, provider_api_url=self.address
            )
        except (LookupError, ValueError):  # not known, or not for such tokens
            return None
