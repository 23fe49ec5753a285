//! Greedy decoding by llama.cpp and by this engine, on the same GGUF file and prompts, token by token.

use std::{path::Path, process::Command};

use anyhow::{Context as _, Result, bail};
use toolwright_engine::Tokenizer;
use toolwright_model::{Decoder, GgufFile};

/// Prompts in the seed's own dialect; another model's will do as plain text.
const QUESTIONS: &[&str] = &[
    "What is 17.5% of 2,480?",
    "12 times 12",
    "Anna had 14 apples and gave 5 to Ben. How many are left?",
    "Hello!",
    "Thanks a lot",
    "what's the square root of 144",
    "A book costs 12.50 dollars. How much do 7 books cost?",
    "Add 3, 5 and 19 and divide the sum by 9.",
];

const TOKENS: usize = 48;

/// Compares, prints a line a prompt, and fails where they differ.
pub fn run(llama_simple: &Path, model: &Path) -> Result<()> {
    let file = GgufFile::open(model)?;
    let (decoder, tokenizer) = (Decoder::from_gguf(&file)?, Tokenizer::from_gguf(file.metadata())?);
    let mut differing = 0;
    for question in QUESTIONS {
        let prompt = format!(
            "<|im_start|>system\nTools: calculator(expression)<|im_end|>\n<|im_start|>user\n{question}<|im_end|>\n\
             <|im_start|>assistant\n"
        );
        let (theirs, ours) = (llama(llama_simple, model, &prompt)?, greedy(&decoder, &tokenizer, &prompt)?);
        if theirs == ours {
            println!("same       {question}  →  {}", ours.replace('\n', "⏎"));
        } else {
            differing += 1;
            println!("DIFFERENT  {question}\n  llama.cpp  {theirs:?}\n  toolwright {ours:?}");
        }
    }
    println!("{} of {} prompts decode to the same {TOKENS} tokens", QUESTIONS.len() - differing, QUESTIONS.len());
    if differing > 0 {
        bail!("{differing} prompts differ; look at the first differing token's logits: a near tie is rounding");
    }
    Ok(())
}

fn llama(program: &Path, model: &Path, prompt: &str) -> Result<String> {
    let output = Command::new(program)
        .args(["-m".as_ref(), model.as_os_str(), "-n".as_ref(), TOKENS.to_string().as_ref(), prompt.as_ref()])
        .output()
        .with_context(|| format!("cannot start {}", program.display()))?;
    if !output.status.success() {
        bail!("{} failed: {}", program.display(), String::from_utf8_lossy(&output.stderr));
    }
    let text = String::from_utf8(output.stdout).context("llama.cpp printed something that is not UTF-8")?;
    let start = text.find(prompt).context("llama.cpp did not print the prompt back")?;
    Ok(text[start + prompt.len()..].trim_end().to_owned())
}

fn greedy(decoder: &Decoder, tokenizer: &Tokenizer, prompt: &str) -> Result<String> {
    let mut cache = decoder.new_cache();
    let mut logits = decoder.forward(&mut cache, &tokenizer.encode_trusted(prompt))?;
    let mut bytes = Vec::new();
    for _ in 0..TOKENS {
        let best = logits.iter().enumerate().fold(
            (0, f32::MIN),
            |best, (id, &logit)| {
                if logit > best.1 { (id, logit) } else { best }
            },
        );
        let token = u32::try_from(best.0)?;
        if tokenizer.end_of_generation().contains(&token) {
            break;
        }
        bytes.extend_from_slice(tokenizer.token_bytes(token));
        logits = decoder.forward(&mut cache, &[token])?;
    }
    Ok(String::from_utf8_lossy(&bytes).trim_end().to_owned())
}
