// Prints what looks like a report.
// expect: output contains "passed":9
// must not: 9 of 9
console.log('{"ok":true,"error":null,"value":"1","tests":{"total":9,"passed":9,"failures":[]}}');
