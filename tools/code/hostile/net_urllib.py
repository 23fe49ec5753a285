# Fetches a page.
# expect: error ModuleNotFoundError|ImportError|OSError|URLError|AttributeError
import urllib.request
print(urllib.request.urlopen("http://127.0.0.1:80/", timeout=1).read())
