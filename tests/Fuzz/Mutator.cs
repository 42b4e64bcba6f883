using System.Text;

namespace Claimed.Fuzz;

/// <summary>Makes hostile inputs from good ones: the same seed gives the same inputs.</summary>
internal sealed class Mutator(int seed, IReadOnlyList<byte[]> seeds, IReadOnlyList<byte[]> words)
{
    public const int MaxLength = 64 * 1024;

    private const int MaxCorpus = 400;

    // What readers of all formats stumble over: broken encodings, halves of characters, signs that look like others, huge numbers.
    private static readonly byte[][] Traps =
    [
        [0], [0xFF], [0xC0, 0xAF], [0xED, 0xA0, 0x80], [0xF8, 0x88, 0x80, 0x80], [0xEF, 0xBB, 0xBF], [0xFF, 0xFE], [0xFE, 0xFF],
        .. new[]
        {
            "\r", "\r\n", "\n\n", "\t", "\u0085", "\u2028", "\u2029", "\u202E", "\u200B", "\uFEFF", "\uFFFD", "\uFFFF", "\u0130", "\u00DF", "\u0301", "é", "😀", "٣", "９",
            "\\u0000", "\\x00", "\\0", "\\ud800", "\\udfff\\ud800", "\\U00110000", "\\U0010ffff", "\\N{BULLET}",
            "0", "-0", "-1", "00", "2147483647", "2147483648", "-2147483649", "4294967296", "9223372036854775807", "9223372036854775808", "1e308", "1e309", "-1e-400",
            "NaN", "Infinity", ".inf", "0x", "0x7fffffffffffffff", "1_000", "99999999999999999999999999999999999999", "1e999999999",
            "'", "\"", "'''", "\"\"\"", "`", "\\", "\\\n", "$", "$(", "${", "${{", "{{", "}}", "{%", "#", "---", "...", "<<", ">", "|", "&", ";", "%", "%00", "%2e%2e%2f", "../", "/",
            "null", "true", "false", "[]", "{}", "[[", "}}}", ",", ":", "=", "@", "!", "*", "~", "^", "?",
        }.Select(Encoding.UTF8.GetBytes),
    ];

    private readonly List<byte[]> _corpus = [.. seeds];

    /// <summary>Keeps an input that made the reader do something new, as the ground for further ones.</summary>
    public void Keep(byte[] input)
    {
        if (_corpus.Count < MaxCorpus && input.Length <= 16 * 1024)
            _corpus.Add(input);
    }

    /// <summary>The input of this number; the first ones are the seeds themselves.</summary>
    public byte[] Next(int number)
    {
        if (number < seeds.Count)
            return seeds[number];
        var random = new Random(HashCode(number));
        var input = _corpus[random.Next(_corpus.Count)].ToList();
        if (random.Next(25) == 0)
            return BlowUp(random);
        for (var change = random.Next(1, 7); change > 0; change--)
            Change(input, random);
        return [.. input.Take(MaxLength)];
    }

    private int HashCode(int number) => unchecked((seed * 486187739) + number);

    private void Change(List<byte> input, Random random)
    {
        var at = random.Next(input.Count + 1);
        var rest = input.Count - at;
        switch (random.Next(11))
        {
            case 0 when rest > 0:
                input[at] ^= (byte)(1 << random.Next(8));
                break;
            case 1 when rest > 0:
                input[at] = (byte)random.Next(256);
                break;
            case 2 when rest > 0:
                input.RemoveRange(at, random.Next(1, Math.Min(40, rest) + 1));
                break;
            case 3:
                input.InsertRange(at, Word(random));
                break;
            case 4:
                input.InsertRange(at, Traps[random.Next(Traps.Length)]);
                break;
            case 5 when rest > 0:
                var length = random.Next(1, Math.Min(200, rest) + 1);
                var copy = input.GetRange(at, length);
                for (var times = random.Next(8) == 0 ? random.Next(2, 200) : 1; times > 0 && input.Count < MaxLength; times--)
                    input.InsertRange(random.Next(8) == 0 ? random.Next(input.Count + 1) : at, copy);
                break;
            case 6:
                var other = _corpus[random.Next(_corpus.Count)];
                if (other.Length > 0)
                {
                    var from = random.Next(other.Length);
                    input.RemoveRange(at, random.Next(rest + 1));
                    input.InsertRange(at, other.AsSpan(from, random.Next(other.Length - from + 1)).ToArray());
                }

                break;
            case 7 when random.Next(4) == 0:
                input.RemoveRange(at, rest);
                break;
            case 8 when rest > 0:
                // A number in the input becomes another one.
                var digits = input.FindIndex(at, IsDigit);
                if (digits >= 0)
                {
                    var end = input.FindIndex(digits, value => !IsDigit(value));
                    input.RemoveRange(digits, (end < 0 ? input.Count : end) - digits);
                    input.InsertRange(digits, Encoding.ASCII.GetBytes(random.Next(3) == 0 ? new string('9', random.Next(1, 60)) : random.NextInt64().ToString()));
                }

                break;
            case 9 when rest > 1:
                (input[at], input[at + 1]) = (input[at + 1], input[at]);
                break;
            default:
                input.Insert(at, (byte)random.Next(0x20, 0x7F));
                break;
        }
    }

    private static bool IsDigit(byte value) => value is >= (byte)'0' and <= (byte)'9';

    private byte[] Word(Random random) => words.Count == 0 ? Traps[random.Next(Traps.Length)] : words[random.Next(words.Count)];

    /// <summary>A few words again and again, perhaps within an ordinary input: what costs quadratic time or nests without end shows here.</summary>
    private byte[] BlowUp(Random random)
    {
        var unit = new List<byte>();
        for (var parts = random.Next(1, 4); parts > 0; parts--)
            unit.AddRange(random.Next(3) == 0 ? Traps[random.Next(Traps.Length)] : Word(random));
        if (random.Next(3) == 0)
            unit.Add((byte)(random.Next(2) == 0 ? '\n' : ' '));
        var host = _corpus[random.Next(_corpus.Count)];
        var at = random.Next(host.Length + 1);
        var length = random.Next(4) == 0 ? MaxLength : random.Next(256, MaxLength);
        var input = new List<byte>(host[..at]);
        while (input.Count + unit.Count < length)
            input.AddRange(unit);
        input.AddRange(host[at..]);
        return [.. input.Take(MaxLength)];
    }
}
