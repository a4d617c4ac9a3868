#!/usr/bin/env python3
"""What stands outside ⟦ ⟧ on a site that `make_site.py --pseudo` has made: no translation can reach it.

    check_leaks.py build/docs/pseudo/html/es

Names and code are no texts, nor are the words that Doxygen has in Spanish by itself.
"""

import html.parser
import pathlib
import re
import sys

import translate

CODE = {"code", "pre", "script", "style", "object", "svg"}
CODE_CLASSES = re.compile(
    r"\b(?:memname|memproto|memItemLeft|memItemRight|memTemplItemLeft|memTemplItemRight|memTemplParams|memtitle|paramname|"
    r"permalink|mlabels|tt|cut|fieldname|fieldtype|memtemplate|name)\b")
BY_DOXYGEN = set("""
    generado por indice índice principal páginas relacionadas grupos clases lista clase miembros referencia descripción detallada
    documentación todos los métodos miembro para la el de del esta estructura funciones función tipos tipo públicas públicos
    protegidos atributos estáticos estructuras datos enumeraciones enumerado variables constructor destructor archivo detalles
    parámetros devuelve excepciones nota valores includes más información siguiente navegación buscar cargando busquedas
    búsqueda una con lista completa incluyendo heredados heredado desde definición en línea ejemplos módulos amigos
    como argumentos plantilla espacio nombres valor ver también nivel detalle las los typedefs template inicial toda
    relacionada herencias está esta ordenada aproximadamente orden alfabético observar que estas son related typedef
    """.split())
ELSEWHERE = {"https", "http", "rfc", "iostream", "chat"}


def names():
    """All words of the headers' code."""
    return {word.lower() for name in translate.headers()
            for word in re.findall(r"[a-z]+", translate.without_comments(translate.read(name)), re.I)}


KNOWN = BY_DOXYGEN | ELSEWHERE | names()


class Page(html.parser.HTMLParser):
    """The texts outside."""

    def __init__(self, text):
        super().__init__()
        self.open = []  # (tag, whether it holds code, whether it is a program's comment)
        self.inside = 0
        self.found = []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        if tag in ("meta", "link", "img", "br", "hr", "input", "area", "col"):
            return
        kind = dict(attributes).get("class") or ""
        self.open.append((tag, tag in CODE or "fragment" in kind or bool(CODE_CLASSES.search(kind)), kind == "comment"))

    def handle_endtag(self, tag):
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data):
        comment = any(entry[2] for entry in self.open)
        code = any(entry[1] for entry in self.open) and not comment
        if comment and "⟦ prints: ⟧" in data:  # and behind it what the program prints
            data = ""
        for part in re.split(r"([⟦⟧])", data):
            if part == "⟦":
                self.inside += 1
            elif part == "⟧":
                self.inside -= 1
            elif not self.inside and not code and (words := leaked(part)):
                self.found.append((words, " ".join(part.split())))


def leaked(text):
    text = re.sub(r"\S*(?:::|_|\(|\.hpp|\.cpp|\.h\b)\S*|\bsockets\b|\b[a-z]*[A-Z]\w*", " ", text)
    return [word for word in re.findall(r"[a-záéíóúüñ]{3,}", text, re.I) if word.lower() not in KNOWN]


def main():
    site = pathlib.Path(sys.argv[1])
    leaks = 0
    pages = sorted(site.glob("*.html"))
    for path in pages:
        for words, text in Page(path.read_text(encoding="utf-8")).found:
            leaks += 1
            print(f"{path.name}: {text[:150]}   ({', '.join(words[:5])})", file=sys.stderr)
    print(f"{len(pages)} pages, {leaks} texts outside")
    return 1 if leaks or not pages else 0


if __name__ == "__main__":
    sys.exit(main())
