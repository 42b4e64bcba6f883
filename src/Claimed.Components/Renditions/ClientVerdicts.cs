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
        ["condition-not-presence"] = (Second, ClientOutcome.Refused),
        ["executor-input"] = ([KfpV1, Submit, VerdictClient.Airflow, VerdictClient.Kubernetes, VerdictClient.Cwl], ClientOutcome.Limited),
        ["input-default-lines"] = ([KfpV2], ClientOutcome.Limited),
        ["input-optional-files"] = ([KfpV1], ClientOutcome.Limited),
        ["input-file-optional-in-elyra"] = ([Submit], ClientOutcome.Limited),
        ["input-default-quotes"] = ([Submit], ClientOutcome.Limited),
        ["input-optional-without-default"] = ([Submit], ClientOutcome.Limited),
        ["command-missing"] = ([Submit], ClientOutcome.Limited),
        ["placeholder-nested"] = (Elyra, ClientOutcome.Limited),
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
        ["image-missing"] = Sdks,
        ["placeholder-unknown"] = Sdks,
        ["placeholder-unknown-port"] = Sdks,
        ["condition-unknown"] = Sdks,
        ["file-outputs-unsupported"] = Second,
        ["graph-unsupported"] = [KfpV2, Palette, Submit],
        ["port-used-both-ways"] = Second,
        ["condition-not-presence"] = Second,
        ["branch-not-list"] = Second,
        ["type-passing-mismatch"] = Second,
        ["default-of-file"] = Second,
        ["default-not-of-type"] = [KfpV2, Palette, Submit],
        ["default-not-quoted"] = Elyra,
        ["list-empty"] = Elyra,
        ["name-missing"] = Elyra,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    // What readers of definitions need not tell apart and clients do: of these the port decides.
    private const string TypeMissing = "type-missing", TypeNotName = "type-not-name", TypeNotInElyra = "input-type-not-in-elyra";

    /// <summary>By the words of <see cref="VerdictClient"/>, in their order.</summary>
    public static IReadOnlyDictionary<string, ClientVerdict> Of(Definition definition, IReadOnlyList<Finding> findings)
    {
        var refused = findings.Any(finding => finding.Severity == Severity.Error);
        // Positions tell which of several ports a finding means.
        var values = definition.Inputs.Where(port => port.Passing == PortPassing.Value).Select(port => port.Position).ToHashSet();
        var verdicts = new OrderedDictionary<string, ClientVerdict>(StringComparer.Ordinal);
        foreach (var client in VerdictClient.All)
        {
            var (served, uploaded) = (refused ? ClientOutcome.Refused : ClientOutcome.Ok, ClientOutcome.Ok);
            var codes = new List<string>();
            foreach (var finding in findings)
            {
                var stays = Served.TryGetValue(finding.Code, out var left) && left.Clients.Contains(client);
                var stood = definition.Language == SourceLanguage.Container && IsRefused(finding, client, values);
                if (stays && left.Outcome > served)
                    served = left.Outcome;
                if (stood)
                    uploaded = ClientOutcome.Refused;
                else if (stays && left.Outcome > uploaded)
                    uploaded = left.Outcome;
                if ((stays || stood || (finding.Code == TypeNotInElyra && client == Submit)) && !codes.Contains(finding.Code))
                    codes.Add(finding.Code);
            }
            var reads = definition.Language == SourceLanguage.Container && VerdictClient.OfComponentYaml.Contains(client);
            verdicts.Add(client, new ClientVerdict(served, reads ? uploaded : null, codes));
        }
        return verdicts;
    }

    private static bool IsRefused(Finding finding, string client, HashSet<SourcePosition> values) => finding.Code switch
    {
        // The SDK of KFP v2 takes a missing type, and any that is no word, for one of files.
        TypeMissing => Second.Contains(client) && values.Contains(finding.Position),
        TypeNotName => Elyra.Contains(client) || (client == KfpV2 && values.Contains(finding.Position)),
        TypeNotInElyra => client == Submit,
        var code => Uploaded.TryGetValue(code, out var clients) && clients.Contains(client),
    };
}
