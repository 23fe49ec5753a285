// Timers that start timers.
// expect: limit cpu or limit wall or limit memory or error ReferenceError
const again = () => { setTimeout(again, 0); setTimeout(again, 0); };
again();
