using System.Text.RegularExpressions;
using Claimed.Components.Sources.Imports;

namespace Claimed.Components.Sources;

/// <summary>What a source says about itself beside its interface; the first word on each subject counts.</summary>
internal sealed partial class SourceFacts(List<Finding> findings)
{
    private const int MaxLicense = 200;

    private readonly TagList tags = new(findings);
    private readonly DeclaredImports imports = new(findings);

    public string? Category { get; private set; }

    public string? Group { get; private set; }

    public string? Name { get; private set; }

    public string? DisplayName { get; private set; }

    public IReadOnlyList<string> Tags => tags.Tags;

    public IReadOnlyList<RequiredImport>? Imports => imports.Imports;

    public Resources Resources { get; private set; } = Resources.None;

    public string? BaseImage { get; private set; }

    public string? License { get; private set; }

    /// <summary>Takes a fact; false when nothing is known of the key.</summary>
    public bool Set(string key, string value, SourcePosition at)
    {
        switch (key)
        {
            case "category":
                Category ??= value;
                return true;
            case "group":
                Group ??= value;
                return true;
            case "name":
                Name ??= value;
                return true;
            // Front matter reads its keys in any case.
            case "displayName" or "displayname":
                DisplayName ??= string.Join(' ', value.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
                return true;
            case "tags":
                tags.Add(value.Split(','), at);
                return true;
            case "imports":
                imports.Add(value, at);
                return true;
            case "license" or "licence":
                SetLicense(value, at);
                return true;
            case "base":
                SetBase(value, at);
                return true;
            case "cpu" or "memory" or "gpu" or "storage":
                SetResource(key, value, at);
                return true;
            default:
                return false;
        }
    }

    private void SetLicense(string value, SourcePosition at)
    {
        if (value.Length <= MaxLicense && LicenseExpression.IsMatch(value))
            License ??= value;
        else
            findings.Add(Finding.Warning("license-unknown", at, "The licence is no SPDX identifier, so it is left out.", "Write one such as Apache-2.0, MIT or BSD-3-Clause."));
    }

    private void SetBase(string value, SourcePosition at)
    {
        if (ImageReference.Parse(value) is not { } image)
        {
            findings.Add(Finding.Error("base-image-invalid", at, "The base image is no image reference.", "Write `base=host/name:tag` or `base=host/name@sha256:…`."));
            return;
        }

        BaseImage ??= value;
        if (image.IsMoving)
            findings.Add(image.MovingWarning(at));
    }

    private void SetResource(string key, string value, SourcePosition at)
    {
        if (!(key == "gpu" ? Whole.IsMatch(value) : Quantity.Parse(value) is not null))
        {
            findings.Add(Finding.Warning("resource-invalid", at, $"The amount of {key} is none that Kubernetes knows, so it is left out.", key switch
            {
                "gpu" => "Write a whole number, such as gpu=1.",
                "cpu" => "Write a number of processors or thousandths of one, such as cpu=2 or cpu=500m.",
                _ => $"Write a number with a unit, such as {key}=500Mi or {key}=2Gi.",
            }));
            return;
        }

        Resources = key switch
        {
            "cpu" => Resources with { Cpu = Resources.Cpu ?? value },
            "memory" => Resources with { Memory = Resources.Memory ?? value },
            "gpu" => Resources with { Gpu = Resources.Gpu ?? value },
            _ => Resources with { Storage = Resources.Storage ?? value },
        };
    }

    [GeneratedRegex(@"\A[1-9][0-9]{0,3}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Whole { get; }

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9.+-]*( (AND|OR|WITH) [A-Za-z0-9][A-Za-z0-9.+-]*)*\z", RegexOptions.CultureInvariant)]
    private static partial Regex LicenseExpression { get; }
}
