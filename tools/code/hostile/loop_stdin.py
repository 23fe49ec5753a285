# Waits for input that there is not.
# expect: error EOFError
input("name? ")
