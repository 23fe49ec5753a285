//! Programs: written, run, and mended after an error. What running them says comes from real runs.

use serde_json::{Value, json};

use crate::{
    Call, Draw, Episode, Gold, ModelTurn, Names, Part, Turn, paraphrase,
    phrasing::{CodeTask, Entry},
    sources::{Offered, Source},
};

const TOOL: &str = "run_python";

/// What a run gave: what the model is shown, and whether nothing failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ran {
    /// The tool's text.
    pub text: String,
    /// No error, and all tests passed.
    pub ok: bool,
}

/// Tasks with their runs.
pub struct Code {
    tasks: Vec<Task>,
}

struct Task {
    task: CodeTask,
    /// The solution alone, and with the tests.
    alone: Ran,
    tested: Ran,
    /// Each faulty program with the tests.
    faulty: Vec<(String, Ran)>,
}

impl Code {
    /// The tasks among these entries, each run by `run`, which takes the arguments of a call; those whose solution fails
    /// are left out.
    #[must_use]
    pub fn new(entries: impl IntoIterator<Item = Entry>, run: &dyn Fn(&Value) -> Option<Ran>) -> Self {
        let tasks = entries.into_iter().filter_map(|entry| match entry {
            Entry::Code(task) => Task::new(task, run),
            _ => None,
        });
        Self { tasks: tasks.collect() }
    }

    /// Number of tasks.
    #[must_use]
    pub fn len(&self) -> usize {
        self.tasks.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.tasks.is_empty()
    }
}

impl Task {
    fn new(task: CodeTask, run: &dyn Fn(&Value) -> Option<Ran>) -> Option<Self> {
        let tests = task.tests.join("\n");
        let alone = run(&json!({ "code": task.solution }))?;
        let tested = run(&json!({ "code": task.solution, "tests": tests }))?;
        let faulty = task.bugs.iter().filter_map(|bug| {
            let ran = run(&json!({ "code": bug.code, "tests": tests }))?;
            (!ran.ok && ran.text.len() < 600).then(|| (bug.code.clone(), ran))
        });
        let faulty = faulty.collect();
        (alone.ok && tested.ok).then_some(Self { task, alone, tested, faulty })
    }
}

impl Source for Code {
    fn name(&self) -> &'static str {
        "code"
    }

    fn episode(&self, tools: &Offered, names: Names, draw: &mut Draw) -> Option<Episode> {
        let Task { task, alone, tested, faulty } = (!self.tasks.is_empty()).then(|| draw.pick(&self.tasks))?;
        let mut request = draw.pick::<String>(&task.requests).clone();
        let named = request.contains(&task.task);
        let with_tests = draw.chance(0.5);
        // Without its name nobody could call it.
        if !named && (with_tests || draw.chance(0.5)) {
            let say = draw
                .of("Call it {}.|Name: {}|The function is called {}.|Name it {}.|(function name: {})|As {}, please.");
            request = format!("{request} {}", say.replace("{}", &task.task));
        }
        let request = paraphrase::mistyped(&request, names, draw);
        let arguments = |code: &str| {
            if with_tests { json!({ "code": code, "tests": task.tests.join("\n") }) } else { json!({ "code": code }) }
        };
        let call = |code: &str| Call { tool: TOOL.into(), arguments: arguments(code) };
        let mut turns =
            vec![Turn::User(if with_tests { format!("{request}\n{}", task.tests.join("\n")) } else { request })];
        if with_tests && !faulty.is_empty() && draw.chance(0.6) {
            let (code, ran) = draw.pick(faulty);
            // The mistake itself is not to be learnt.
            turns.push(Turn::Model(ModelTurn { parts: vec![Part::Call(call(code))], learned: false }));
            turns.push(Turn::Results(vec![ran.text.clone()]));
        }
        turns.push(Turn::Model(ModelTurn::calls(None, call(&task.solution))));
        turns.push(Turn::Results(vec![if with_tests { tested.text.clone() } else { alone.text.clone() }]));
        let tried = if with_tests { "It passes the tests" } else { "It runs" };
        turns.push(Turn::Model(ModelTurn::says(format!("{tried}:\n```python\n{}\n```", task.solution))));
        let gold = Gold::Program { function: task.task.clone(), tests: task.tests.join("\n") };
        Some(Episode::new(self.name(), tools.with(Some(TOOL), draw), turns).measured_by(gold))
    }
}
