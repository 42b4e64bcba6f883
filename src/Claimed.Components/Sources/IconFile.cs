using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;
using System.Xml;

namespace Claimed.Components.Sources;

/// <summary>The picture of a component: icon.svg or icon.png beside the source or at the top of the upload, when it is what it says.</summary>
public static class IconFile
{
    /// <summary>Of a file that is taken as an icon.</summary>
    public const int MaxBytes = 64 * 1024;
    private const int MaxPixels = 1024;
    private const string SvgNamespace = "http://www.w3.org/2000/svg";

    private static readonly string[] Names = ["icon.svg", "icon.png"];

    private static readonly XmlReaderSettings Plain = new() { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null };

    /// <summary>The eight bytes that every PNG begins with, and the length and name of its header.</summary>
    private static readonly byte[] PngStart = [0x89, .. "PNG\r\n"u8, 0x1A, .. "\n\0\0\0\rIHDR"u8];

    /// <summary>The icon of an upload; null when there is none, or one that cannot be served.</summary>
    /// <param name="mainFile">Path of the source.</param>
    public static SourceFile? Find(IReadOnlyList<SourceFile> files, string mainFile) => Named(files, mainFile) is { } icon && Fault(icon) is null ? icon : null;

    /// <summary>Whether bytes that were served as an icon once are a PNG; else they are an SVG.</summary>
    public static bool IsPng(ReadOnlySpan<byte> bytes) => bytes.StartsWith(PngStart);

    internal static void Check(SourceFile main, Upload upload)
    {
        if (Named(upload.Files, main.Path) is { } icon && Fault(icon) is { } fault)
        {
            upload.Findings.Add(Finding.Warning("icon-invalid", new SourcePosition(icon.Path, fault.Line, fault.Column), $"{icon.FileName} {fault.What}, so the component has no icon.",
                $"Send an SVG, as UTF-8 and without DOCTYPE, or a PNG of at most {MaxPixels} × {MaxPixels} pixels, of at most {MaxBytes >> 10} KiB; or leave it out."));
        }
    }

    private static SourceFile? Named(IReadOnlyList<SourceFile> files, string mainFile) =>
        Names.Select(name => CompanionFile.Find(files, mainFile, name)).OfType<SourceFile>().FirstOrDefault();

    private static IconFault? Fault(SourceFile icon)
    {
        var bytes = icon.Content.Span;
        if (bytes.Length is 0 or > MaxBytes)
            return new IconFault(bytes.Length == 0 ? "is empty" : $"has {bytes.Length} bytes");
        return icon.Extension == ".png" ? PngFault(bytes) : SvgFault(bytes);
    }

    /// <summary>The header alone: how large the picture becomes where it is shown, however few bytes it has.</summary>
    private static IconFault? PngFault(ReadOnlySpan<byte> bytes)
    {
        if (!IsPng(bytes) || bytes.Length < PngStart.Length + 8)
            return new IconFault("is no PNG image");
        var size = bytes[PngStart.Length..];
        var (width, height) = (BinaryPrimitives.ReadUInt32BigEndian(size), BinaryPrimitives.ReadUInt32BigEndian(size[4..]));
        return width is 0 or > MaxPixels || height is 0 or > MaxPixels ? new IconFault($"is {width} × {height} pixels large") : null;
    }

    private static IconFault? SvgFault(ReadOnlySpan<byte> bytes)
    {
        if (!Utf8.IsValid(bytes))
            return new IconFault("is not UTF-8");
        try
        {
            using var reader = XmlReader.Create(new StringReader(Encoding.UTF8.GetString(bytes).TrimStart('\uFEFF')), Plain);
            var hasRoot = false;
            while (reader.Read())
            {
                if (reader.NodeType == XmlNodeType.XmlDeclaration && reader.GetAttribute("encoding") is { } encoding && !encoding.Equals("utf-8", StringComparison.OrdinalIgnoreCase))
                    return new IconFault($"says that it is {encoding}", 1);
                if (!hasRoot && reader.NodeType == XmlNodeType.Element && (reader.LocalName != "svg" || reader.NamespaceURI != SvgNamespace))
                    return new IconFault($"is no SVG image: its root is not svg of {SvgNamespace}", 1);
                hasRoot |= reader.NodeType == XmlNodeType.Element;
            }
            return null;
        }
        catch (XmlException fault)
        {
            // Of a DOCTYPE the reader does not say where.
            return new IconFault("has a DOCTYPE or is no well-formed XML", fault.LineNumber, fault.LinePosition);
        }
    }

    /// <param name="What">Goes on after the file's name.</param>
    private sealed record IconFault(string What, int Line = 0, int Column = 0);
}
