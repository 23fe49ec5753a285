# Takes its output away, and fails.
# expect: error ValueError
import sys
sys.stdout = sys.stderr = None
raise ValueError("hidden")
