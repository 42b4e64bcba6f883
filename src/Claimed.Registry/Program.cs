using Claimed.Registry.Words;

return await CommandLine.RunAsync(args);
