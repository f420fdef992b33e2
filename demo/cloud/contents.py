"""What the demo's cloud contains: projects and people, flavors, images and security groups."""

from __future__ import annotations

from typing import NamedTuple


class Project(NamedTuple):
    domain: str
    name: str
    subnet: int
    servers: int


PROJECTS = (
    Project("acme", "shop-web", 11, 20),
    Project("acme", "shop-db", 12, 14),
    Project("acme", "shop-payments", 13, 12),
    Project("globex", "lab-ml", 21, 18),
    Project("globex", "lab-data", 22, 12),
)
PEOPLE = (
    "ada",
    "alan",
    "barbara",
    "cynthia",
    "donald",
    "edsger",
    "frances",
    "grace",
    "hedy",
    "ivan",
    "jean",
    "katherine",
    "leslie",
    "margaret",
    "niklaus",
    "olga",
    "peter",
    "radia",
    "shafi",
    "tim",
    "ursula",
    "vint",
    "wanda",
    "xenia",
)
FLAVORS = {  # name: (vcpus, ram, disk)
    "m1.tiny": (1, 512, 1),
    "m1.small": (1, 2048, 20),
    "m1.medium": (2, 4096, 40),
    "m1.large": (4, 8192, 80),
    "r1.memory": (4, 16384, 40),
    "g1.gpu-x8": (32, 65536, 400),
    "x1.old": (1, 256, 1),
}
USUAL_FLAVORS = ("m1.tiny", "m1.small", "m1.medium", "m1.large", "r1.memory")
IMAGES = {  # name: (visibility, tags)
    "debian-13": ("public", ["approved", "lts"]),
    "ubuntu-24.04": ("public", ["approved", "lts"]),
    "rocky-9": ("public", ["approved"]),
    "fedora-42": ("public", ["approved", "fast-moving"]),
    "cirros": ("public", ["test"]),
    "windows-2012": ("public", ["deprecated"]),
    "router-appliance": ("community", []),
    "ml-workbench": ("shared", ["gpu"]),
    "payments-golden": ("private", ["approved", "pci"]),
    "unknown-upload": ("private", []),
}
USUAL_IMAGES = ("debian-13", "ubuntu-24.04", "rocky-9", "fedora-42")
GROUPS = {  # security group: (description, [(protocol, from, to, source)])
    "web": (
        "HTTP from everywhere",
        [("tcp", 80, 80, "0.0.0.0/0"), ("tcp", 443, 443, "0.0.0.0/0"), ("tcp", 443, 443, "::/0")],
    ),
    "ssh-inside": ("SSH from inside", [("tcp", 22, 22, "10.0.0.0/8")]),
    "database": ("MySQL from inside", [("tcp", 3306, 3306, "10.0.0.0/8"), ("icmp", None, None, "10.0.0.0/8")]),
    "secure-zone": ("for servers of the secure zone", [("tcp", 443, 443, "10.0.0.0/8")]),
    "legacy-open": (
        "nobody remembers why",
        [
            ("tcp", 1, 65535, "0.0.0.0/0"),
            ("tcp", 23, 23, "0.0.0.0/0"),
            ("udp", None, None, "0.0.0.0/0"),
            (None, None, None, "::/0"),
        ],
    ),
    "ftp": ("file transfer of an old partner", [("tcp", 20, 21, "198.51.100.0/24")]),
}
