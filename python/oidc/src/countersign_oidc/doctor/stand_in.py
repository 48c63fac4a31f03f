"""Stand-ins for the three extensions: an application can be imported, and how it uses them is noted."""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import sys
from collections.abc import Iterator, MutableMapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

#: Import name: name of the extension class.
EXTENSIONS = {
    "flask_pyoidc": "OIDCAuthentication",
    "flask_oidc": "OpenIDConnect",
    "flask_jwt_oidc": "JwtManager",
}


@dataclass
class Use:
    """A call of one of an extension's methods or decorators."""

    name: str
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    #: As a decorator without parentheses.
    bare: bool = False


@dataclass
class Recorded:
    """One extension object, as the application made it."""

    package: str
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    #: The arguments of each ``init_app``.
    apps: list[Any] = field(default_factory=list)
    prefix: str | None = None
    uses: list[Use] = field(default_factory=list)

    def used(self, name: str) -> list[Use]:
        """All calls of this name."""
        return [use for use in self.uses if use.name == name]


@contextmanager
def stand_ins() -> Iterator[list[Recorded]]:
    """While this is open, imports of the three packages give stand-ins; what they write down is given."""
    recorded: list[Recorded] = []
    finder = _Finder(recorded)
    hidden = {name: sys.modules.pop(name) for name in list(sys.modules) if _package_of(name)}
    sys.meta_path.insert(0, finder)
    try:
        yield recorded
    finally:
        sys.meta_path.remove(finder)
        for name in [name for name in sys.modules if _package_of(name)]:
            del sys.modules[name]
        sys.modules.update(hidden)


class Anything:
    """Whatever is asked of it, it answers with more of the same; a decorated function stays itself."""

    def __init__(self, name: str = "anything") -> None:
        self.__name__ = name

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """As a decorator or as a factory of decorators."""
        if len(args) == 1 and not kwargs and callable(args[0]) and not isinstance(args[0], Anything):
            return args[0]
        return self

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return Anything(name)

    def __getitem__(self, key: object) -> Any:
        return Anything(str(key))

    def __iter__(self) -> Iterator[Any]:
        return iter(())

    def __len__(self) -> int:
        return 0

    def __bool__(self) -> bool:
        return False

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *_: object) -> None:
        """Leaves exceptions alone."""


class Data(MutableMapping[str, Any]):
    """Metadata and registrations: what they were made of."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.args = args
        self.kwargs = kwargs

    def __getitem__(self, key: str) -> Any:
        return self.kwargs[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.kwargs[key] = value

    def __delitem__(self, key: str) -> None:
        del self.kwargs[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self.kwargs)

    def __len__(self) -> int:
        return len(self.kwargs)

    def __bool__(self) -> bool:
        return True

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self.kwargs.get(name, Anything(name))


class _AuthError(Exception):
    def __init__(self, error: Any = None, status_code: int = 401) -> None:
        super().__init__(error)
        self.error = error
        self.status_code = status_code


def _extension(package: str, recorded: list[Recorded]) -> type:
    class Extension:
        """A stand-in: the application may subclass it, patch it and decorate with it."""

        def __init__(self, *args: Any, **kwargs: Any) -> None:
            self.__dict__["_recorded"] = Recorded(package, args, kwargs)
            recorded.append(self.__dict__["_recorded"])

        def init_app(self, *args: Any, **kwargs: Any) -> None:
            record = self.__dict__["_recorded"]
            record.apps.extend([*args[:1], *([kwargs["app"]] if "app" in kwargs else [])])
            record.prefix = kwargs.get("prefix", args[1] if len(args) > 1 else None)

        def __getattr__(self, name: str) -> Any:
            record = self.__dict__.get("_recorded")
            if record is None or name.startswith("__"):
                raise AttributeError(name)
            if name == "user_loggedin":
                return False
            return _Method(record, name)

    Extension.__name__ = Extension.__qualname__ = EXTENSIONS[package]
    return Extension


class _Method(Anything):
    def __init__(self, record: Recorded, name: str) -> None:
        super().__init__(name)
        self._record = record

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        bare = len(args) == 1 and not kwargs and callable(args[0]) and not isinstance(args[0], Anything)
        self._record.uses.append(Use(self.__name__, () if bare else args, kwargs, bare))
        return args[0] if bare else Anything(self.__name__)


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def __init__(self, recorded: list[Recorded]) -> None:
        self._classes = {package: _extension(package, recorded) for package in EXTENSIONS}

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        del path, target
        if _package_of(fullname) is None:
            return None
        return importlib.machinery.ModuleSpec(fullname, self, is_package=True)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType | None:
        del spec
        return None

    def exec_module(self, module: ModuleType) -> None:
        package = _package_of(module.__name__) or ""
        contents: dict[str, Any] = {EXTENSIONS[package]: self._classes[package], "AuthError": _AuthError}
        contents.update({name: type(name, (Data,), {}) for name in _DATA})
        # What remains: signals, views, facades.
        contents["__getattr__"] = _attribute
        vars(module).update(contents)
        vars(module)["__all__"] = [EXTENSIONS[package], "AuthError", *_DATA]


def _attribute(name: str) -> Any:
    if name.startswith("__"):
        raise AttributeError(name)
    if name.endswith(("Error", "Exception")):
        return type(name, (Exception,), {})
    # Classes may be subclassed; everything else is called or connected to.
    return type(name, (Anything,), {}) if name[:1].isupper() else Anything(name)


def _package_of(name: str) -> str | None:
    package = name.partition(".")[0]
    return package if package in EXTENSIONS else None


_DATA = ("ProviderConfiguration", "ProviderMetadata", "ClientMetadata", "ClientRegistrationInfo", "OIDCData")
