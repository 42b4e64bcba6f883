using System.Collections.Frozen;

namespace Claimed.Components.Renditions;

/// <summary>Verdicts of all clients, from a definition and its findings alone.</summary>
public static class ClientVerdicts
{
    private const string KfpV2 = VerdictClient.KfpV2, KfpV1 = VerdictClient.KfpV1, Palette = VerdictClient.ElyraPalette, Submit = VerdictClient.ElyraSubmit;
    private static readonly string[] Second = [KfpV2, Submit], Sdks = [KfpV2, KfpV1, Submit], Elyra = [Palette, Submit], AllOfYaml = [KfpV2, KfpV1, Palette, Submit];

    // What stays of a problem in the served form.
    private static readonly FrozenDictionary<string, (string[] Clients, ClientOutcome Outcome)> Served = new Dictionary<string, (string[], ClientOutcome)>(StringComparer.Ordinal)
    {
        ["pipeline-for-kfp"] = ([.. VerdictClient.All.Except([KfpV2])], ClientOutcome.Refused),
        ["condition-not-presence"] = (Second, ClientOutcome.Refused),
        ["executor-input"] = ([KfpV1, Submit, VerdictClient.Airflow, VerdictClient.Kubernetes, VerdictClient.Cwl], ClientOutcome.Limited),
        ["placeholder-uri"] = ([KfpV1, Palette, Submit, VerdictClient.Airflow, VerdictClient.Kubernetes, VerdictClient.Cwl], ClientOutcome.Limited),
        [FinalStatus] = ([KfpV1, Submit, VerdictClient.Airflow, VerdictClient.Kubernetes, VerdictClient.Cwl], ClientOutcome.Limited),
        ["env-without-command"] = ([KfpV2], ClientOutcome.Limited),
        ["input-default-lines"] = ([KfpV2], ClientOutcome.Limited),
        ["input-optional-files"] = ([KfpV1], ClientOutcome.Limited),
        ["input-file-optional-in-elyra"] = ([Submit], ClientOutcome.Limited),
        ["input-default-quotes"] = ([Submit], ClientOutcome.Limited),
        ["input-optional-without-default"] = ([Submit], ClientOutcome.Limited),
        ["command-missing"] = ([Submit], ClientOutcome.Limited),
        ["placeholder-nested"] = (Elyra, ClientOutcome.Limited),
        ["input-left-out-in-elyra"] = ([Submit], ClientOutcome.Limited),
        ["input-file-without-path"] = ([Submit], ClientOutcome.Refused),
        ["category-too-long"] = ([Palette], ClientOutcome.Limited),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    // What the clients refuse of a file as it was uploaded; Elyra submits with the SDK of KFP v2.
    private static readonly FrozenDictionary<string, string[]> Uploaded = new Dictionary<string, string[]>(StringComparer.Ordinal)
    {
        ["yaml-second-document"] = AllOfYaml,
        ["yaml-invalid"] = AllOfYaml,
        ["yaml-shape"] = AllOfYaml,
        ["implementation-missing"] = AllOfYaml,
        ["port-name-invalid"] = AllOfYaml,
        ["key-unknown"] = Sdks,
        ["command-not-text"] = Sdks,
        ["command-part-empty"] = Sdks,
        ["env-not-quoted"] = Sdks,
        ["env-not-text"] = Sdks,
        ["placeholder-unknown"] = Sdks,
        ["placeholder-unknown-port"] = Sdks,
        ["condition-unknown"] = Sdks,
        ["branch-list-in-concat"] = Second,
        ["text-with-escapes"] = [Submit],
        ["input-default-whole"] = [Submit],
        ["input-left-out-in-elyra"] = [Submit],
        ["graph-unsupported"] = Second,
        ["port-used-both-ways"] = Second,
        ["condition-not-presence"] = Second,
        ["branch-not-list"] = Second,
        ["type-passing-mismatch"] = Second,
        ["default-not-of-type"] = [KfpV2, Palette, Submit],
        ["file-outputs-twice"] = [KfpV1],
        ["default-holds-null"] = Second,
        ["default-not-quoted"] = Elyra,
        ["list-empty"] = Elyra,
        ["name-missing"] = Elyra,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    // Uploads that KFP v2 loads, and loses something of.
    private static readonly string[] Losing = ["file-outputs-copied", "file-outputs-unsupported"];

    // What readers of definitions need not tell apart and clients do: of these the port decides.
    private const string TypeMissing = "type-missing", TypeNotName = "type-not-name", TypeNotInElyra = "input-type-not-in-elyra", Nested = "placeholder-nested",
        FinalStatus = "input-final-status";

    /// <summary>By the words of <see cref="VerdictClient"/>, in their order.</summary>
    public static IReadOnlyDictionary<string, ClientVerdict> Of(Definition definition, IReadOnlyList<Finding> findings)
    {
        var refused = findings.Any(finding => finding.Severity == Severity.Error);
        var verdicts = new OrderedDictionary<string, ClientVerdict>(StringComparer.Ordinal);
        foreach (var client in VerdictClient.All)
        {
            var (served, uploaded) = (refused ? ClientOutcome.Refused : ClientOutcome.Ok, ClientOutcome.Ok);
            var codes = new List<string>();
            foreach (var finding in findings)
            {
                var left = Left(finding, client, definition);
                var stays = left > ClientOutcome.Ok;
                var stood = definition.Language == SourceLanguage.Container ? Stood(finding, client, definition) : ClientOutcome.Ok;
                if (left > served)
                    served = left;
                uploaded = new[] { uploaded, left, stood }.Max();
                if ((stays || stood > ClientOutcome.Ok || (finding.Code == TypeNotInElyra && client == Submit)) && !codes.Contains(finding.Code))
                    codes.Add(finding.Code);
            }
            var reads = definition.Language == SourceLanguage.Container && VerdictClient.OfComponentYaml.Contains(client);
            verdicts.Add(client, new ClientVerdict(served, reads ? uploaded : null, codes));
        }
        return verdicts;
    }

    private static ClientOutcome Left(Finding finding, string client, Definition definition)
    {
        // Elyra fills in every input, and the SDK takes none of this.
        if (finding.Code == FinalStatus && client == Submit)
            return ClientOutcome.Refused;
        // Elyra fills a text into what it does not see to be a file; an output there is merely not to be connected.
        if (finding.Code == Nested && client == Submit && definition.Inputs.Any(port => port.Position == finding.Position))
            return ClientOutcome.Refused;
        return Served.TryGetValue(finding.Code, out var left) && left.Clients.Contains(client) ? left.Outcome : ClientOutcome.Ok;
    }

    /// <summary>Whether the port that begins last before the finding is an input that passes a value.</summary>
    private static bool IsValueInput(Finding finding, Definition definition) => definition.Inputs.Concat(definition.Outputs)
        .Where(port => (port.Position.Line, port.Position.Column).CompareTo((finding.Position.Line, finding.Position.Column)) <= 0)
        .MaxBy(port => (port.Position.Line, port.Position.Column)) is { Passing: PortPassing.Value } nearest && definition.Inputs.Contains(nearest);

    private static ClientOutcome Stood(Finding finding, string client, Definition definition) =>
        IsRefused(finding, client, definition) ? ClientOutcome.Refused
        : Second.Contains(client) && Losing.Contains(finding.Code) ? ClientOutcome.Limited
        : ClientOutcome.Ok;

    private static bool IsRefused(Finding finding, string client, Definition definition) => finding.Code switch
    {
        // The SDK of KFP v2 takes a missing type, and any that is no word, for one of files.
        TypeMissing => Second.Contains(client) && IsValueInput(finding, definition),
        TypeNotName => Elyra.Contains(client) || (client == KfpV2 && IsValueInput(finding, definition)),
        TypeNotInElyra => client == Submit,
        var code => Uploaded.TryGetValue(code, out var clients) && clients.Contains(client),
    };
}
