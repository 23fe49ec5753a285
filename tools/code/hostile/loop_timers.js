// A timer for an hour.
// expect: limit wall or error ReferenceError
setTimeout(() => console.log("late"), 3600_000);
