namespace Claimed.Components.Sources;

/// <summary>Environment variables that belong to the operating system or to a library, never to a component's interface.</summary>
internal static class ProcessVariables
{
    private static readonly HashSet<string> Read = new(StringComparer.Ordinal)
    {
        "PATH", "HOME", "USER", "PWD", "HOSTNAME", "TMPDIR", "TEMP", "TMP", "SHELL", "LANG", "TERM", "LD_LIBRARY_PATH", "PYTHONPATH",
        "LOGNAME", "OLDPWD", "SHLVL", "LC_ALL", "LC_CTYPE", "R_HOME",
    };

    private static readonly HashSet<string> Set = new(StringComparer.Ordinal)
    {
        "CUDA_VISIBLE_DEVICES", "CUDA_DEVICE_ORDER", "KMP_DUPLICATE_LIB_OK", "TOKENIZERS_PARALLELISM", "OMP_NUM_THREADS", "MKL_NUM_THREADS",
        "JAVA_HOME", "SPARK_HOME", "HADOOP_HOME", "HADOOP_CONF_DIR", "MPLBACKEND", "MPLCONFIGDIR", "KERAS_BACKEND", "WANDB_DISABLED",
        "PYTHONHASHSEED", "PYTHONUNBUFFERED", "PYTHONWARNINGS", "NUMEXPR_MAX_THREADS", "DISPLAY", "QT_QPA_PLATFORM", "GDAL_DATA", "PROJ_LIB",
        "http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE",
        "TZ", "LANGUAGE", "R_LIBS", "R_LIBS_USER", "R_LIBS_SITE", "RETICULATE_PYTHON", "DEBIAN_FRONTEND",
    };

    private static readonly string[] SetPrefixes = ["TF_", "XLA_", "PYSPARK_", "HF_", "TRANSFORMERS_", "TORCH_", "PYTORCH_", "NCCL_", "AWS_", "DGL", "LC_"];

    public static bool IsRead(string name) => Read.Contains(name);

    public static bool IsSet(string name) =>
        IsRead(name) || Set.Contains(name) || SetPrefixes.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal));
}
