namespace Claimed.Components.Sources.Dockerfiles;

/// <summary>What a publisher is told of an uploaded Dockerfile.</summary>
public static class DockerfileFindings
{
    /// <summary>What was read, and a finding for each thing that would end its build; no reading when the file is no text.</summary>
    public static DockerfileReading? Check(SourceFile file, List<Finding> findings)
    {
        if (SourceEncoding.Text(file, markBreaks: false, findings) is not { } text)
            return null;
        var reading = DockerfileReading.Read(text);
        findings.AddRange(reading.Problems.Select(problem => Of(problem, file.Path)));
        return reading;
    }

    private static Finding Of(DockerfileProblem problem, string path)
    {
        var at = new SourcePosition(path, problem.Line);
        return problem.Kind switch
        {
            DockerfileProblemKind.Unclear => Finding.Error("dockerfile-unclear", at, problem.Message, "Write it in a way that all engines read alike.", "docker"),
            DockerfileProblemKind.NeedsBuildKit => Finding.Error("dockerfile-needs-buildkit", at, $"{problem.Message} Only BuildKit takes it, and this registry builds without.",
                "Write it with the instructions of Docker's classic builder.", "docker"),
            DockerfileProblemKind.Refused => Finding.Error("dockerfile-not-allowed", at, $"{problem.Message} A build here gets no more than the registry gives to all.", "Leave it out.", "docker"),
            _ => Finding.Error("dockerfile-invalid", at, problem.Message, "Mend the line; `docker build` says the same.", "docker"),
        };
    }
}
