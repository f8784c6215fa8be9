import fc from 'fast-check'

/** Text made to break out: markup, mentions and links amid anything. */
export const hostileText: fc.Arbitrary<string> = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '<img src=x onerror=alert(1)>',
        '</details>',
        '<!--',
        '-->',
        '@octocat',
        '@octo/team',
        '#1',
        'octo/app#2',
        'GH-3',
        'me@evil.example',
        'www.evil.example',
        'https://evil.example/a',
        '[click](https://evil.example)',
        '![x](//evil.example/x.png)',
        '`',
        '```',
        '````',
        '|',
        '\\|',
        '\\',
        '**',
        '__',
        '~~',
        '\n',
        '\r\n',
        '\n\n# ',
        '\u2028',
        '\u0000',
        '\u001b[31m',
        '&#64;',
        '&lt;b&gt;',
      ),
      fc.string({ unit: 'grapheme' }),
    ),
  )
  .map((parts) => parts.join(' '))
