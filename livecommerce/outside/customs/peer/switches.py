"""How the stand-in misbehaves on request: late, twice, in the wrong order, refusing."""

from pydantic import BaseModel, ConfigDict, Field


class Switches(BaseModel):
    """All off: answers come at once, each once, in order, and content."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    delay_s: float = Field(default=0, ge=0, le=3600, description="before the first answer")
    step_s: float = Field(default=0, ge=0, le=3600, description="between answers")
    twice: bool = Field(default=False, description="each answer comes twice")
    backwards: bool = Field(default=False, description="the last answer comes first")
    refuse: dict[str, str] = Field(
        default={},
        description="the next document of that kind gets this status: {'603': '100'}",
    )
    look: list[str] = Field(
        default=[], description="statuses of an inventory before its release: ['300', '500']"
    )
    hold: bool = Field(default=False, description="inventories are stored but not released")
