"""What must not be read by others is encrypted before it is written: the vault, and where its keys are."""

from sniper.secrets.places import KEY_VARIABLE, KeyPlace
from sniper.secrets.vault import UnsealError, Vault

__all__ = ["KEY_VARIABLE", "KeyPlace", "UnsealError", "Vault"]
