using System.Globalization;

namespace Claimed.Registry.Http;

/// <summary>The part of a file that a <c>Range</c> header asks for.</summary>
/// <param name="First">Offset of the first byte.</param>
/// <param name="Count">Number of bytes; 0 when nothing can satisfy the range (416).</param>
public readonly record struct ByteRange(long First, long Count)
{
    /// <summary>What a request asks for: a range is for GET alone, and with <c>If-Range</c> only while the client's copy is this one. Null for everything.</summary>
    /// <param name="tag">The file's entity tag, with its quotes.</param>
    public static ByteRange? Of(HttpRequest request, string tag, long size) =>
        HttpMethods.IsGet(request.Method) && (request.Headers.IfRange.Count == 0 || request.Headers.IfRange.ToString() == tag) ? Of(request.Headers.Range.ToString(), size) : null;

    public long Last => First + Count - 1;

    /// <summary>Writes the status and <c>Content-Range</c> of an answer that has this part: 206, or 416 with the size that there is.</summary>
    /// <param name="size">Bytes of the whole.</param>
    /// <returns>False when there is nothing to send.</returns>
    public bool SayIn(HttpResponse response, long size)
    {
        response.StatusCode = Count == 0 ? StatusCodes.Status416RangeNotSatisfiable : StatusCodes.Status206PartialContent;
        response.Headers.ContentRange = Count == 0
            ? string.Create(CultureInfo.InvariantCulture, $"bytes */{size}")
            : string.Create(CultureInfo.InvariantCulture, $"bytes {First}-{Last}/{size}");
        return Count > 0;
    }

    /// <summary>Null means the whole: no range, several of them, another unit or a malformed header, which RFC 9110 lets a server ignore.</summary>
    public static ByteRange? Of(string header, long size)
    {
        const string unit = "bytes=";
        if (!header.StartsWith(unit, StringComparison.OrdinalIgnoreCase) || header.Contains(','))
            return null;
        if (header[unit.Length..].Trim().Split('-') is not [var from, var to])
            return null;
        if (from.Length == 0)
            return Read(to) is { } suffix ? new ByteRange(Math.Max(0, size - suffix), Math.Min(suffix, size)) : null;
        if (Read(from) is not { } first || (to.Length > 0 && Read(to) is null))
            return null;
        var last = Math.Min(to.Length == 0 ? long.MaxValue : Read(to)!.Value, size - 1);
        return new ByteRange(first, Math.Max(0, last - first + 1));
    }

    /// <summary>Digits alone; a number beyond <see cref="long"/> is beyond any file.</summary>
    private static long? Read(string digits)
    {
        if (digits.Length == 0 || digits.AsSpan().ContainsAnyExceptInRange('0', '9'))
            return null;
        return long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : long.MaxValue;
    }
}
