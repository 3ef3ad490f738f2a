"""The vault: masks of personal data, and the encryption of the values behind them."""

from beianhub_core.vault.master import Keyring, MasterKey
from beianhub_core.vault.personal import contains_personal_data, is_masked, mask, reveal
from beianhub_core.vault.vault import ErasureReceipt, Vault, open_vault

__all__ = [
    "ErasureReceipt",
    "Keyring",
    "MasterKey",
    "Vault",
    "contains_personal_data",
    "is_masked",
    "mask",
    "open_vault",
    "reveal",
]
