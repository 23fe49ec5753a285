// Half a character, text that runs backwards, and what moves cursors.
// expect: output contains end
console.log("\ud800 \u202e abc \u0000 \x1b[2J end");
