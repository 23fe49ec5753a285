//! GPT-2's printable stand-ins for bytes: byte-level vocabularies are written in an alphabet of 256 visible
//! characters (a space is `Ġ`, a line feed `Ċ`). Source: `bytes_to_unicode` in OpenAI's GPT-2 `encoder.py`.

/// The characters that do not stand for themselves are numbered from here, in byte order.
const FIRST_STAND_IN: u32 = 256;

const fn stands_for_itself(byte: u8) -> bool {
    matches!(byte, 0x21..=0x7E | 0xA1..=0xAC | 0xAE..=0xFF)
}

const STAND_INS: [u8; 68] = {
    let mut table = [0; 68];
    let (mut byte, mut count) = (0usize, 0);
    while byte < 256 {
        if !stands_for_itself(byte as u8) {
            table[count] = byte as u8;
            count += 1;
        }
        byte += 1;
    }
    table
};

/// The byte that `character` stands for, if it is one of the 256.
pub(crate) fn byte_of(character: char) -> Option<u8> {
    let code = u32::from(character);
    if code >= FIRST_STAND_IN {
        return STAND_INS.get((code - FIRST_STAND_IN) as usize).copied();
    }
    u8::try_from(code).ok().filter(|&byte| stands_for_itself(byte))
}

/// The bytes that a token of a byte-level vocabulary stands for; `None` when a character is outside the alphabet.
pub(crate) fn bytes_of(token: &str) -> Option<Vec<u8>> {
    token.chars().map(byte_of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_has_exactly_one_stand_in() {
        let mut bytes: Vec<u8> = (0..=0x143).filter_map(char::from_u32).filter_map(byte_of).collect();
        bytes.sort_unstable();
        assert_eq!(bytes, (0..=255).collect::<Vec<u8>>());
        assert_eq!(byte_of('\u{144}'), None);
        assert_eq!(bytes_of("ĠhiĊ").as_deref(), Some(&b" hi\n"[..]));
        assert_eq!(bytes_of("a b"), None, "a plain space is not in the alphabet");
    }
}
