# Raises what is no error.
# expect: error TypeError
raise "text"
