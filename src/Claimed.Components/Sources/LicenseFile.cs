using System.Text;
using System.Text.RegularExpressions;
using System.Text.Unicode;

namespace Claimed.Components.Sources;

/// <summary>Knows a licence by its text.</summary>
internal static partial class LicenseFile
{
    private const int MaxText = 64 * 1024;
    private const int Heading = 300;

    private static readonly string[] Names = ["LICENSE", "LICENSE.txt", "LICENSE.md", "LICENCE", "LICENCE.txt", "LICENCE.md", "COPYING", "COPYING.txt", "COPYING.LESSER"];

    /// <summary>The SPDX identifier of the licence beside the source or at the top of the upload; null when there is none that is known.</summary>
    public static string? Find(SourceFile main, Upload upload) => Names
        .Select(name => upload.Beside(main, name)).Concat(Names.Select(upload.Find))
        .OfType<SourceFile>()
        .Select(Identify)
        .FirstOrDefault(license => license is not null);

    private static string? Identify(SourceFile file)
    {
        var content = file.Content.Span;
        content = content[..Math.Min(content.Length, MaxText)];
        return Utf8.IsValid(content) ? Identify(Encoding.UTF8.GetString(content)) : null;
    }

    public static string? Identify(string text)
    {
        var words = Blank.Replace(text, " ").Trim().ToLowerInvariant();
        var head = words[..Math.Min(words.Length, Heading)];
        return ByHeading(head) ?? Gnu(head) ?? ByTerms(words);
    }

    /// <summary>The one that is named first: they name each other further down.</summary>
    private static string? Gnu(string head)
    {
        var first = new[] { "affero ", "lesser ", "" }.Select(kind => (Kind: kind, At: head.IndexOf($"gnu {kind}general public license", StringComparison.Ordinal)))
            .Where(found => found.At >= 0).OrderBy(found => found.At).FirstOrDefault();
        var name = first.Kind switch { "affero " => "AGPL", "lesser " => "LGPL", "" => "GPL", _ => null };
        var version = new[] { "3", "2.1", "2" }.FirstOrDefault(number => Has(head, "version " + number));
        return name is null || version is null ? null : $"{name}-{version}{(version.Contains('.') ? "" : ".0")}-only";
    }

    private static string? ByHeading(string head) => head switch
    {
        _ when Has(head, "apache license") && Has(head, "version 2.0") => "Apache-2.0",
        _ when Has(head, "mozilla public license") && Has(head, "version 2.0") => "MPL-2.0",
        _ when Has(head, "eclipse public license") && Has(head, "2.0") => "EPL-2.0",
        _ when Has(head, "boost software license") && Has(head, "version 1.0") => "BSL-1.0",
        _ when Has(head, "cc0 1.0 universal") => "CC0-1.0",
        _ when Has(head, "attribution-sharealike 4.0 international") => "CC-BY-SA-4.0",
        _ when Has(head, "attribution 4.0 international") => "CC-BY-4.0",
        _ => null,
    };

    private static string? ByTerms(string words)
    {
        if (Has(words, "permission is hereby granted, free of charge, to any person obtaining a copy") && Has(words, "the software is provided \"as is\""))
            return "MIT";
        if (Has(words, "permission to use, copy, modify, and/or distribute this software for any purpose"))
            return Has(words, "provided that the above copyright notice") ? "ISC" : "0BSD";
        if (Has(words, "this is free and unencumbered software released into the public domain"))
            return "Unlicense";
        if (!Has(words, "redistribution and use in source and binary forms") || Has(words, "all advertising materials"))
            return null;
        return Has(words, "endorse or promote products derived from this software") ? "BSD-3-Clause" : "BSD-2-Clause";
    }

    private static bool Has(string text, string words) => text.Contains(words, StringComparison.Ordinal);

    [GeneratedRegex(@"[\s#*>=_]+", RegexOptions.CultureInvariant)]
    private static partial Regex Blank { get; }
}
