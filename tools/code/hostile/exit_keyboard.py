# Raises what a person at a keyboard would.
# expect: error KeyboardInterrupt
raise KeyboardInterrupt
