-- Run once, when the volume is new: Prefect and Pressroom keep their tables apart.
CREATE DATABASE prefect;
CREATE DATABASE pressroom;
