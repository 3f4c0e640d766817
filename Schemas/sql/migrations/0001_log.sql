create schema hub;
