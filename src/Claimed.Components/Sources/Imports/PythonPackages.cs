using System.Collections.Frozen;

namespace Claimed.Components.Sources.Imports;

/// <summary>Modules whose package has another name, or which come with a package that needs them.</summary>
internal static class PythonPackages
{
    /// <summary>Module: packages that have it, the usual one first, then packages that bring it with them.</summary>
    private static readonly FrozenDictionary<string, string[]> Providers = """
        attr: attrs
        azure: azureml-sdk
        Bio: biopython
        botocore: boto3 s3fs
        bs4: beautifulsoup4
        cassandra: cassandra-driver
        certifi: requests
        community: python-louvain
        Crypto: pycryptodome pycrypto
        cv2: opencv-python opencv-python-headless opencv-contrib-python opencv-contrib-python-headless opencv
        cycler: matplotlib
        dateutil: python-dateutil pandas matplotlib botocore boto3 kubernetes kfp
        docx: python-docx
        dotenv: python-dotenv
        faiss: faiss-cpu faiss-gpu
        fitz: pymupdf
        fsspec: s3fs gcsfs dask torch huggingface-hub
        git: gitpython
        github: pygithub
        google: protobuf tensorflow kfp
        grpc: grpcio tensorflow
        huggingface_hub: huggingface-hub transformers datasets
        ibm_boto3: ibm-cos-sdk
        ibm_botocore: ibm-cos-sdk
        imblearn: imbalanced-learn
        IPython: ipython ipykernel jupyter notebook jupyterlab
        jinja2: jinja2 flask torch
        joblib: scikit-learn nltk
        jose: python-jose
        jwt: pyjwt
        kafka: kafka-python kafka-python-ng
        keras: keras tensorflow tensorflow-cpu tensorflow-gpu
        Levenshtein: levenshtein python-levenshtein
        magic: python-magic
        mpl_toolkits: matplotlib
        MySQLdb: mysqlclient
        nacl: pynacl
        networkx: scikit-image torch
        numpy: numpy pandas scipy scikit-learn scikit-image matplotlib seaborn xgboost lightgbm tensorflow tensorflow-cpu tensorflow-gpu torch torchvision keras opencv-python opencv-python-headless statsmodels xarray numba transformers pyarrow h5py netcdf4 rasterio
        odf: odfpy
        OpenSSL: pyopenssl
        osgeo: gdal
        packaging: matplotlib pandas transformers
        pandas: pandas aif360 seaborn geopandas statsmodels datasets dask mlflow
        PIL: pillow matplotlib torchvision scikit-image
        pptx: python-pptx
        psycopg2: psycopg2 psycopg2-binary
        py4j: pyspark
        pylab: matplotlib
        pyspark: findspark
        pytz: pytz pandas
        rdkit: rdkit rdkit-pypi
        requests: requests kfp kubernetes transformers datasets mlflow
        ruamel: ruamel-yaml
        scipy: scipy scikit-learn scikit-image statsmodels xgboost lightgbm
        serial: pyserial
        six: six python-dateutil pandas
        skimage: scikit-image
        sklearn: scikit-learn sklearn imbalanced-learn
        skopt: scikit-optimize
        slugify: python-slugify
        snowflake: snowflake-connector-python
        socks: pysocks
        speech_recognition: speechrecognition
        tensorboard: tensorflow tensorflow-cpu tensorflow-gpu
        tensorflow: tensorflow tensorflow-cpu tensorflow-gpu tf-nightly
        torch: torch torchvision pytorch-lightning lightning terratorch
        tqdm: tqdm transformers datasets nltk
        umap: umap-learn
        urllib3: urllib3 requests kubernetes minio
        usb: pyusb
        websocket: websocket-client
        werkzeug: flask
        yaml: pyyaml kfp kubernetes transformers
        zmq: pyzmq
        """.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
        .Select(line => line.Split(": "))
        .ToFrozenDictionary(parts => parts[0], parts => parts[1].Split(' '), StringComparer.Ordinal);

    public static IReadOnlyList<string> ProvidersOf(string module) => Providers.GetValueOrDefault(module, []);

    /// <summary>The package to install for a module.</summary>
    public static string PackageOf(string module) => Providers.TryGetValue(module, out var providers) ? providers[0] : module;
}
