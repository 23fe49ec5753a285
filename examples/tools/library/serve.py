"""The service of openapi.yaml, so that the example can be tried: python3 serve.py, with any card."""

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

BOOKS = {
    1: {"title": "Notes on the Analytical Engine", "author": "Ada Lovelace", "reader": None},
    2: {"title": "The Principle of Relativity", "author": "Albert Einstein", "reader": "Mileva"},
    3: {"title": "Radioactive Substances", "author": "Marie Curie", "reader": None},
}


class Library(BaseHTTPRequestHandler):
    def answer(self, status, value):
        body = json.dumps(value, indent=2).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def book(self, parts):
        number = int(parts[1]) if len(parts) > 1 and parts[1].isdigit() else 0
        return number, BOOKS.get(number)

    def do_GET(self):
        url = urlsplit(self.path)
        parts, query = url.path.strip("/").split("/"), parse_qs(url.query)
        if not self.headers.get("x-library-card"):
            return self.answer(401, {"detail": "show your card"})
        if parts == ["books"]:
            words = query.get("words", [""])[0].lower().split()
            on_shelf = query.get("on_shelf") == ["true"]
            fits = lambda book: all(word in f"{book['title']} {book['author']}".lower() for word in words)
            books = [{"id": id, **book} for id, book in BOOKS.items() if fits(book) and not (on_shelf and book["reader"])]
            return self.answer(200, books)
        number, book = self.book(parts)
        if book is None or len(parts) != 2:
            return self.answer(404, {"detail": f"there is no book {number}"})
        return self.answer(200, {"id": number, **book})

    def do_PUT(self):
        number, book = self.book(self.path.strip("/").split("/"))
        loan = json.loads(self.rfile.read(int(self.headers.get("content-length", 0))) or b"{}")
        if book is None or not self.path.endswith("/loan"):
            return self.answer(404, {"detail": f"there is no book {number}"})
        if book["reader"]:
            return self.answer(409, {"detail": f"{book['reader']} has it"})
        book["reader"] = loan.get("reader")
        return self.answer(200, {"id": number, **book, "weeks": loan.get("weeks", 4)})


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", 8075), Library).serve_forever()
