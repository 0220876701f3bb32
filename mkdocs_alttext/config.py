"""MkDocs' form of the options: the plugin's part of `mkdocs.yml`."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from mkdocs.config import base

from mkdocs_alttext.exceptions import OptionError
from mkdocs_alttext.options import OPTIONS, Options, no_such_option
from mkdocs_alttext.system.printable import visible

if TYPE_CHECKING:
    from mkdocs_alttext.option_kinds import Option


class _Checked(base.BaseConfigOption[Any]):
    """An option that checks as ours does, also where the value is the default."""

    def __init__(self, option: Option[Any]) -> None:
        super().__init__()
        self.default = option.default
        self._option = option
        self._folder = ""

    def pre_validation(self, config: base.Config, key_name: str) -> None:
        """Keep the folder of `mkdocs.yml`, which paths are from."""
        del key_name
        self._folder = os.path.dirname(config.config_file_path)  # noqa: PTH120 - nothing stays nothing

    def run_validation(self, value: object) -> object:
        """Return the value that holds."""
        try:
            return self._option.read(value, self._folder)
        except OptionError as error:
            raise base.ValidationError(str(error)) from None


class AltTextConfig(Options, base.Config):
    """All options of the plugin `alttext`."""

    _schema = tuple((name, _Checked(option)) for name, option in OPTIONS.items())

    def validate(self) -> tuple[base.ConfigErrors, base.ConfigWarnings]:
        """Check the options; one that is unknown is an error where MkDocs would only warn.

        What is written wrongly (`exclud`) was meant to keep pictures or credits back. The plugin
        that is not enabled does nothing, and is forgiven everything.
        """
        failed, warnings = super().validate()
        if self.enabled is not False:
            known = [name for name, _ in base.get_schema(type(self))]
            unknown = [name for name in self if name not in known]
            failed += [
                (name, base.ValidationError(no_such_option(name, known))) for name in unknown
            ]
            warnings = [each for each in warnings if each[0] not in unknown]
        # MkDocs logs them as they are, and they quote names and values that anybody chose.
        said: base.ConfigErrors = [
            (visible(str(name)), base.ValidationError(visible(str(why)))) for name, why in failed
        ]
        return said, [(visible(str(name)), visible(str(why))) for name, why in warnings]
