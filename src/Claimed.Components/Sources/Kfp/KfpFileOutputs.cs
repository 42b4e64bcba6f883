using System.Globalization;
using System.Text;
using Claimed.Components.Renditions;

namespace Claimed.Components.Sources.Kfp;

/// <summary>
/// <c>fileOutputs</c>: outputs that a program writes to fixed paths. Kubeflow Pipelines 2 ignores the key and loses them, so a shell starts the
/// program and then copies each file to the path that the client asks for.
/// </summary>
internal sealed class KfpFileOutputs(KfpKeys keys, KfpCommandReader command, List<Finding> findings)
{
    /// <summary>The command that leaves the outputs where clients look for them.</summary>
    /// <param name="node">The value of <c>fileOutputs</c>.</param>
    /// <param name="parts">The command as it is written; its arguments have been read as well.</param>
    public List<CommandPart> Served(YamlNode? node, List<CommandPart> parts)
    {
        if (keys.Mapping(node, "fileOutputs") is not { Entries.Count: > 0 } mapping)
            return parts;
        if (parts.Count == 0)
        {
            findings.Add(Finding.Error("file-outputs-unsupported", mapping.Position,
                "Kubeflow Pipelines 2 ignores fileOutputs, and without a command nothing can be done after the program has ended.",
                "Let the command take the path: {outputPath: name}."));
            return parts;
        }

        var files = mapping.Entries.Where(entry => !IsWritten(entry.Key)).Select(entry => (entry.Key, Path: keys.Text(entry.Value, "fileOutputs"))).ToList();
        foreach (var (port, path) in files)
        {
            command.Written.TryAdd(port.Value, port.Position);
            if (string.IsNullOrEmpty(path))
                findings.Add(Finding.Error("yaml-shape", port.Position, $"The output {KfpKeys.Shown(port.Value)} has no path.", "Write the path of the file in the container."));
        }

        if (files.Count == 0)
            return parts;
        findings.Add(Finding.Warning("file-outputs-copied", mapping.Position,
            "Kubeflow Pipelines 2 ignores fileOutputs and loses the outputs; in what is served, a shell starts the program and copies them to where the client wants them.",
            "Let the command take the path, {outputPath: name}; an image without sh, mkdir and cp needs that.", "kfp"));
        return
        [
            new CommandPart.Text("sh"), new CommandPart.Text("-ec"), new CommandPart.Text(Script(files.ConvertAll(file => file.Path ?? ""))), new CommandPart.Text("sh"),
            .. files.Select(file => new CommandPart.OutputPath(file.Key.Value)),
            .. parts,
        ];
    }

    // The program is told where to write it, so there is nothing to copy.
    private bool IsWritten(YamlScalar port)
    {
        if (!command.Written.ContainsKey(port.Value))
            return false;
        findings.Add(Finding.Suggestion("file-outputs-twice", port.Position,
            $"The command takes a path for the output {KfpKeys.Shown(port.Value)}, so its fixed path in fileOutputs is left out.", "Remove it from fileOutputs.", "kfp"));
        return true;
    }

    // In a subshell the paths stay with the outer one; -e ends it with the program's exit code.
    private static string Script(List<string> paths)
    {
        var script = new StringBuilder().Append(CultureInfo.InvariantCulture, $"(shift {paths.Count}; exec \"$@\")\n");
        for (var i = 1; i <= paths.Count; i++)
            script.Append(CultureInfo.InvariantCulture, $"mkdir -p \"${{{i}%/*}}\"\ncp -RL -- {ShellText.Quoted(paths[i - 1])} \"${{{i}}}\"\n");
        return script.ToString();
    }
}
