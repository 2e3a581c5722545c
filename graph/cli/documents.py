"""The command `preship documents`: which documents are trusted. A client's build adds what it will ask."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from graph.cli.terminal import database, err
from graph.execution import Executor
from graph.schema.schema import SCHEMA
from graph.settings import Settings
from graph.trusted_documents import NAME, DocumentsWrong, hash_id, manifest, open_documents
from storage.trusted_document import HASH_PREFIX

documents_app = typer.Typer()


@documents_app.command("add")
def documents_add(
    files: Annotated[list[Path], typer.Argument(help="GraphQL documents, or manifests in JSON.", exists=True)],
    replace: Annotated[bool, typer.Option("--replace", help="Let a name stand for another text than before.")] = False,
) -> None:
    """Trust documents: `NAME.graphql` under its name, those of a manifest under their ids, all under their hash."""
    try:
        named = {id_: text for file in files for id_, text in _read(file).items()}
    except DocumentsWrong as wrong:
        err.print(str(wrong), markup=False)
        raise typer.Exit(1) from None
    if not _fit(named) or not asyncio.run(_added(named, replace=replace)):
        raise typer.Exit(1)
    for name, text in named.items():
        print(f"{hash_id(text)}  {name}")


@documents_app.command("list")
def documents_list() -> None:
    """List them: the id made of the hash, and the names."""

    async def run() -> dict[str, str]:
        async with database() as opened:
            return await open_documents(Settings().documents_file, opened).all()

    documents = asyncio.run(run())
    names: dict[str, list[str]] = {hash_id(text): [] for text in documents.values()}
    for id_, text in documents.items():
        if not id_.startswith(HASH_PREFIX):
            names[hash_id(text)].append(id_)
    for id_, known_as in sorted(names.items(), key=lambda each: (each[1], each[0])):
        print(" ".join([id_, *sorted(known_as)]))


@documents_app.command("remove")
def documents_remove(ids: Annotated[list[str], typer.Argument(help="Names, or sha256:….")]) -> None:
    """Trust them no longer, under any of their ids. Servers that run notice within seconds."""

    async def run() -> int:
        async with database() as opened:
            return await open_documents(Settings().documents_file, opened).remove(ids)

    if not asyncio.run(run()):
        err.print("没有这样的文档。There is no such document.", markup=False)
        raise typer.Exit(1)


def _read(file: Path) -> dict[str, str]:
    text = file.read_text(encoding="utf-8")
    if file.suffix == ".json":
        return manifest(text)
    if not NAME.fullmatch(file.stem):
        raise DocumentsWrong(
            f"文件名应由字母、数字和“-”“.”“_”“~”组成：{file.name}"
            f" Such a file's name has letters, digits and -._~ only: {file.name}"
        )
    return {file.stem: text}


def _fit(named: Mapping[str, str]) -> bool:
    """Whether all could be run; else what is wrong with them is printed."""
    executor = Executor(SCHEMA, Settings().request_limits)
    faults = [(name, error) for name, text in named.items() for error in executor.faults(text)]
    for name, error in faults:
        err.print(f"{name}: {error.message}", markup=False)
    return not faults


async def _added(named: Mapping[str, str], *, replace: bool) -> bool:
    async with database() as opened:
        documents = open_documents(Settings().documents_file, opened)
        known = await documents.all()
        taken = [name for name, text in named.items() if known.get(name, text) != text]
        if taken and not replace:
            listed = ", ".join(sorted(taken))
            err.print(f"已另有文档使用该名称：{listed}。Another document has this name: {listed}.", markup=False)
            return False
        await documents.add(named)
        return True
