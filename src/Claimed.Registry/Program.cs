using Claimed.Registry;

return await RegistryApp.RunAsync(args);
