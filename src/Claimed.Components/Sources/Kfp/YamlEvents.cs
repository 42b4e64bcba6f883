using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Claimed.Components.Sources.Kfp;

/// <summary>
/// The events of a YAML text, with one kind of exception for broken text. The library's scanner gives up on some of it with exceptions that it
/// does not document: InvalidOperationException for some unclosed flow collections, ArgumentException for some tags.
/// </summary>
internal sealed class YamlEvents(string text) : IParser
{
    private readonly Scanner scanner = new(new StringReader(text));
    private Parser? parser;

    public ParsingEvent? Current => parser?.Current;

    public bool MoveNext()
    {
        parser ??= new Parser(scanner);
        try
        {
            return parser.MoveNext();
        }
        catch (Exception problem) when (problem is not (YamlException or OutOfMemoryException))
        {
            throw new YamlException(scanner.CurrentPosition, scanner.CurrentPosition, "The text is no YAML.", problem);
        }
    }
}
